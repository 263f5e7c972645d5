"""What D1 assumes of a layer of pure nodes."""

from theory.assumptions import Assumption

pure_layer = Assumption(
    "pure layer",
    r"Every node of the layer holds a single feature, all thresholds are positive, $\mathbb{E}X_i^2 > 0$, and the new "
    r"target is $\theta'$.",
    defines=True,
)
right_gates = Assumption("right gates", "Each node either fires exactly when its feature is active, or never fires.")
least_squares_head = Assumption("least-squares head", "The head has the least mean squared error.")
one_node_each = Assumption(
    "one node a feature",
    r"Each feature has one node of weight $\omega = 1$, and all nodes have the same threshold.",
    defines=True,
)
symmetric_noise = Assumption(
    "symmetric noise",
    "The noise at each node is symmetric and independent of the features and of the noise at other nodes.",
)
normal_noise = Assumption(
    "normal noise", r"The noise at a node is normal with standard deviation $\sigma$.", defines=True
)
