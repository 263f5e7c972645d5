"""Whether patches of images are sparse codes as the theory takes them to be, and how pure filters are in them (R2)."""
