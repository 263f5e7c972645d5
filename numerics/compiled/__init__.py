"""What compiled loops share: how they are compiled, the threads they run on, steps in the ball, lists of nodes."""
