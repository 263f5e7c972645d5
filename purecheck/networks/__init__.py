"""Networks that users hand in: each is read whole, as it computes, or refused with what was not understood."""
