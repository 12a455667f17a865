import Foundation

exit(DojoProgram.run(Array(CommandLine.arguments.dropFirst())).rawValue)
