import Grading

Worker.main(CommandLine.arguments)
