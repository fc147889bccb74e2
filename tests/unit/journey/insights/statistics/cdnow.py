"""The purchases of 2,357 customers of CDNOW, a tenth of those who first bought in early 1997.

Fader and Hardie's sample (brucehardie.com/datasets), summed up over the 39 weeks on which their
papers estimate; weeks, and dollars a repeat purchase. `cdnow.csv` has those who bought once by
number, those who came again one by one.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from heedful.journey.insights.facts import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Cdnow:
    customers: Floats
    x: Floats
    t_x: Floats
    T: Floats
    zbar: Floats


def cdnow() -> Cdnow:
    path = Path(__file__).with_name("cdnow.csv")
    return Cdnow(*np.loadtxt(path, delimiter=",", skiprows=1, unpack=True))
