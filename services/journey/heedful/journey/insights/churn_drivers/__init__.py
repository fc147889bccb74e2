"""What customers had gone through shortly before they left: Cox's model with changing covariates.

An association: who complains may have been about to leave for another reason.
"""

from heedful.journey.insights.churn_drivers.insight import INSIGHT

__all__ = ["INSIGHT"]
