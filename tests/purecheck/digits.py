"""Networks of digits, 64-64-10 with ReLUs, and an attack on them that shares no code with the suite."""

from dataclasses import dataclass

import numpy as np
from sklearn.datasets import load_digits

HIDDEN, CLASSES = 64, 10


def digits(n=200):
    """Training images and labels, and `n` to test on, with pixels in [0, 1]."""
    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    train, test = order[:1300], order[1300 : 1300 + n]
    return X[train] / 16, y[train], X[test] / 16, y[test]


@dataclass(frozen=True)
class Perceptron:
    """`z = relu(x W + b) C + c`."""

    W: np.ndarray
    b: np.ndarray
    C: np.ndarray
    c: np.ndarray

    def logits(self, x):
        return np.maximum(x @ self.W + self.b, 0) @ self.C + self.c

    def errors(self, x, y):
        """Hidden values, and gradients of the cross-entropy in logits and preactivations."""
        h = np.maximum(x @ self.W + self.b, 0)
        z = h @ self.C + self.c
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        p[np.arange(len(x)), y] -= 1
        return h, p, (p @ self.C.T) * (h > 0)


def trained(eps, epochs=25, steps=4, seed=0):
    """A network trained by Adam, on images moved by PGD in l_inf where `eps` is not 0."""
    X, y, _, _ = digits()
    rng = np.random.default_rng(seed)
    sizes = ((64, HIDDEN), (HIDDEN,), (HIDDEN, CLASSES), (CLASSES,))
    values = [rng.standard_normal(size) / 8 * (len(size) == 2) for size in sizes]
    means, squares, t = [0 * v for v in values], [0 * v for v in values], 0
    for _ in range(epochs):
        for batch in np.array_split(rng.permutation(len(X)), 20):
            net, x, t = Perceptron(*values), X[batch], t + 1
            for _ in range(steps if eps else 0):
                gradient = net.errors(x, y[batch])[2] @ net.W.T
                x = X[batch] + np.clip(x + 2.5 * eps / steps * np.sign(gradient) - X[batch], -eps, eps)
            h, out, hidden = (one / len(x) if k else one for k, one in enumerate(net.errors(x, y[batch])))
            for i, g in enumerate((x.T @ hidden, hidden.sum(axis=0), h.T @ out, out.sum(axis=0))):
                means[i], squares[i] = 0.9 * means[i] + 0.1 * g, 0.999 * squares[i] + 0.001 * g**2
                step = means[i] / (1 - 0.9**t) / (np.sqrt(squares[i] / (1 - 0.999**t)) + 1e-8)
                values[i] = values[i] - 3e-3 * step
    return Perceptron(*values)


def pgd_100(net, X, y, eps):
    """Accuracy under PGD with 100 steps and 3 starts in l_inf."""
    right, rng = np.ones(len(X), dtype=bool), np.random.default_rng(1)
    for start in range(3):
        x = X + (rng.uniform(-eps, eps, X.shape) if start else 0)
        for _ in range(101):
            right &= net.logits(x).argmax(axis=1) == y
            x = np.clip(x + eps / 25 * np.sign(net.errors(x, y)[2] @ net.W.T), X - eps, X + eps)
    return right.mean()
