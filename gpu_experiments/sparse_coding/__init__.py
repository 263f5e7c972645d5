"""Whether patches of images are sparse codes as the theory assumes, and how pure filters are in them (R2)."""
