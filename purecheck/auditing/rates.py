"""The rate at which an interval over observations may err."""

FALSE_ALARM = 1e-3
