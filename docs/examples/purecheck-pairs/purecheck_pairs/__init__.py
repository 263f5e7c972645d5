"""Further claims on feature purification; each module states one and checks it."""
