"""Long runs on real or large data, built on numerics and recorded through purecheck."""
