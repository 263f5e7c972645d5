"""Small models that checks examine exactly: networks in fractions, enumerated populations, cells and programs."""
