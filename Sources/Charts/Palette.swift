/// The colours of charts.
enum Palette {
  /// How many colours there are for series, groups of bars and groups of nodes; after that they repeat.
  static let count = 7

  /// The Okabe–Ito colours, which colour-blind readers can tell apart (Okabe and Ito, "Color Universal Design", 2008),
  /// without yellow, which is lost on white; the seventh is the colour of text.
  static let light = ["#0072b2", "#d55e00", "#009e73", "#e69f00", "#cc79a7", "#56b4e9", "#55534e"]

  /// The same with the two blues exchanged: on a dark page the lighter one comes first.
  static let dark = ["#56b4e9", "#e5771e", "#12b88a", "#e69f00", "#d98fb8", "#2f8fd0", "#c9c6bf"]

  /// The nearest of the 256 colours of a terminal.
  static let terminal = [39, 208, 43, 220, 176, 111, 250]

  /// A colour of a sequential scale, red, green and blue from 0 to 255: cividis, which looks the same to colour-blind
  /// readers and grows evenly lighter (Nuñez, Anderton and Renslow, doi:10.1371/journal.pone.0199239).
  ///
  /// - Parameter fraction: from 0, dark blue, to 1, yellow.
  /// - Returns: the colour.
  static func sequential(_ fraction: Double) -> (red: Int, green: Int, blue: Int) {
    mixed(cividis, fraction)
  }

  private static func mixed(
    _ stops: [(Int, Int, Int)], _ fraction: Double
  ) -> (red: Int, green: Int, blue: Int) {
    let place = min(max(fraction, 0), 1) * Double(stops.count - 1)
    let index = min(Int(place), stops.count - 2)
    let rest = place - Double(index)
    let mix = { (a: Int, b: Int) in Int((Double(a) + (Double(b) - Double(a)) * rest).rounded()) }
    let (from, to) = (stops[index], stops[index + 1])
    return (mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
  }

  /// A colour of a diverging scale: blue, white in the middle, orange; the two arms differ for every kind of colour
  /// vision, as those of ColorBrewer's scales without red and green do (Harrower and Brewer,
  /// doi:10.1179/000870403235002042).
  ///
  /// - Parameter fraction: from 0, dark blue, over 0.5, nearly white, to 1, brown.
  /// - Returns: the colour.
  static func diverging(_ fraction: Double) -> (red: Int, green: Int, blue: Int) {
    mixed(blueToBrown, fraction)
  }

  private static let blueToBrown = [
    (5, 66, 125), (42, 113, 178), (106, 165, 207), (178, 211, 232), (246, 246, 244), (252, 209, 158), (240, 155, 74),
    (204, 98, 22), (134, 56, 4),
  ]

  private static let cividis = [
    (0, 34, 78), (18, 53, 112), (59, 73, 108), (87, 93, 109), (112, 113, 115), (138, 134, 120), (165, 156, 116),
    (195, 179, 105), (225, 204, 85), (254, 232, 56),
  ]

  /// Whether black is easier to read than white on a colour.
  static func wantsBlackInk(on colour: (red: Int, green: Int, blue: Int)) -> Bool {
    // Relative luminance with a square for the power 2.4 of sRGB; black and white have equal contrast at this grey.
    let part = { (value: Int) in Double(value * value) / 65025 }
    return 0.2126 * part(colour.red) + 0.7152 * part(colour.green) + 0.0722 * part(colour.blue) > 0.213
  }

  /// A colour as SVG writes it.
  static func hex(_ colour: (red: Int, green: Int, blue: Int)) -> String {
    let digits = Array("0123456789abcdef")
    return [colour.red, colour.green, colour.blue].reduce(into: "#") {
      $0.append(digits[$1 / 16])
      $0.append(digits[$1 % 16])
    }
  }

  /// The style sheet of every chart, for both themes.
  static let styleSheet: String = {
    let variables = { (colours: [String]) in
      colours.enumerated().map { "--c\($0.offset + 1):\($0.element)" }.joined(separator: ";")
    }
    let classes = (1...count).map { ".chart .s\($0){stroke:var(--c\($0))}.chart .f\($0){fill:var(--c\($0))}" }
    return """
      .chart{--paper:#fff;--ink:#1f1f1d;--muted:#5f5e5a;--grid:#e6e4df;--axis:#8b8984;--shade:#d55e00;\(variables(light))}
      @media(prefers-color-scheme:dark){.chart{--paper:#1b1c1f;--ink:#ecebe7;--muted:#a9a7a1;--grid:#34363b;--axis:#7b7d84;\
      --shade:#e69f00;\(variables(dark))}}
      .chart text{font-family:system-ui,-apple-system,"Segoe UI","Noto Sans","PingFang SC","Microsoft YaHei",\
      "Noto Sans CJK SC",sans-serif;fill:var(--ink)}
      .chart .muted{fill:var(--muted)}.chart .strong{font-weight:600}
      .chart .halo{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
      .chart .paper{fill:var(--paper)}.chart .grid{stroke:var(--grid)}.chart .axis{stroke:var(--axis);fill:none}
      .chart .hole{fill:var(--grid)}.chart .shade{fill:var(--shade);fill-opacity:.16}.chart .mark{stroke:var(--muted)}
      .chart .curve{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
      .chart .band{fill-opacity:.2}.chart .whisker{fill:none;stroke-width:1.6}.chart .boundary{fill:none;stroke:var(--ink);\
      stroke-width:1.6}.chart .unseen{fill-opacity:0}.chart .soft{fill-opacity:.24}.chart .frame{fill:none;stroke:var(--ink);\
      stroke-width:2.2}.chart .box{fill-opacity:.3;stroke-width:1.4}.chart .branch{fill:none;stroke-width:1.6}.chart .plain{stroke:var(--muted)}
      .chart .w0{fill-opacity:0}.chart .w1,.chart .w2,.chart .w3,.chart .w4,.chart .w5{fill:var(--c1)}\
      .chart .w1{fill-opacity:.1}.chart .w2{fill-opacity:.2}.chart .w3{fill-opacity:.3}.chart .w4{fill-opacity:.42}\
      .chart .w5{fill-opacity:.55}.chart .ink{fill:var(--ink)}
      .chart .l1,.chart .l2,.chart .l3,.chart .l4,.chart .l5{fill:var(--muted)}.chart .l1{fill-opacity:.07}\
      .chart .l2{fill-opacity:.14}.chart .l3{fill-opacity:.21}.chart .l4{fill-opacity:.28}.chart .l5{fill-opacity:.36}
      .chart .link{stroke:var(--axis);stroke-opacity:.55}.chart .ring{fill:none;stroke:var(--ink);stroke-width:2}
      .chart .rim{stroke:var(--paper);stroke-width:1}.chart .pixels{image-rendering:pixelated}
      .chart .light{fill:#fff}.chart .dark{fill:#000}
      \(classes.joined())
      """
  }()
}
