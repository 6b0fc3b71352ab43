"""Support code of `seeded`: calls something with random generators seeded."""

import random
import sys

import numpy as np


def seeded(make, seed, args, kwargs):
    """Return what a call gives; afterwards the generators are as they were."""
    torch = sys.modules.get("torch")
    states = random.getstate(), np.random.get_state(), torch and torch.get_rng_state()
    try:
        random.seed(seed)
        np.random.seed(seed)
        if torch:
            torch.manual_seed(seed)
        return make(*args, **kwargs)
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        if torch:
            torch.set_rng_state(states[2])
