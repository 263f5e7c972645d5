"""What D1 assumes of a layer of pure nodes."""

from theory.assumptions import Assumption

pure_layer = Assumption(
    "pure layer",
    r"Every node of the layer holds one feature; thresholds are above zero, $\mathbb{E}X_i^2 > 0$, and the new target "
    r"is $\theta'$.",
    defines=True,
)
right_gates = Assumption(
    "right gates", "A node fires whenever its feature is active, and only then, or else it never fires."
)
least_squares_head = Assumption("least-squares head", "The head has the least mean squared error.")
one_node_each = Assumption(
    "one node a feature", r"Each feature has one node of weight $\omega = 1$, and all have one threshold.", defines=True
)
symmetric_noise = Assumption(
    "symmetric noise", "The noise of each node is symmetric and independent of features and of other noise."
)
normal_noise = Assumption(
    "normal noise", r"The noise of a node is normal with the standard deviation $\sigma$.", defines=True
)
