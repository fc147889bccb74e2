"""Whether the words before a number say that it is no person's."""

import re

_LOOK_BACK = 16
_IMPERSONAL = re.compile(
    r"(?:单号|订单|运单|编号|流水|交易号|条码|串号|批次|批号|发票|快递|物流|货号|件号|料号|序列号|合同|保单"
    r"|order|tracking|serial|invoice|imei|batch|ticket|part)[^0-9<]{0,6}$",
    re.IGNORECASE,
)


def is_called_otherwise(text: str, start: int) -> bool:
    """Of a number that begins at `start`: it is called an order, a parcel, a part or the like."""
    return _IMPERSONAL.search(text, max(0, start - _LOOK_BACK), start) is not None
