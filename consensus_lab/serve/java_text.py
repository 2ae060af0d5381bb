"""How Java writes numbers, dates and addresses, where Apache's output shows them. It knows nothing of ZooKeeper."""

from __future__ import annotations

import ipaddress
import time


def decimal(value: int | float) -> str:
    """``Long.toString`` and ``Double.toString``: 3, 3.0, 1.0E-4."""
    if isinstance(value, int):
        return str(value)
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(float(value))
    mantissa, _, exponent = f"{value:.16e}".partition("e")
    shortest = min((f"{value:.{digits}e}" for digits in range(17)), key=lambda text: (float(text) != value, len(text)))
    mantissa = shortest.partition("e")[0]
    return f"{mantissa if '.' in mantissa else f'{mantissa}.0'}E{int(exponent)}"


def hexadecimal(value: int) -> str:
    """``Long.toHexString``: a negative number by its 64 bits."""
    return f"{value & 0xFFFFFFFFFFFFFFFF:x}"


def date(milliseconds: float) -> str:
    """``Date.toString`` of a time since the epoch, in the zone of this machine."""
    return time.strftime("%a %b %d %H:%M:%S %Z %Y", time.localtime(milliseconds / 1000))


def socket_address(host: str, port: int) -> str:
    """``InetSocketAddress.toString`` of an address without a name: /127.0.0.1:2181, /[0:0:0:0:0:0:0:1]:2181."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return f"/{host}:{port}"
    if address.version == 4:
        return f"/{address}:{port}"
    groups = (address.packed[at : at + 2].hex().lstrip("0") or "0" for at in range(0, 16, 2))
    return f"/[{':'.join(groups)}]:{port}"
