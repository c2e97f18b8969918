"""Pass rate: does a program do what was asked? A static verdict first, then the votes of a judge."""
