copy muscope.reject (batch, seq, severity, layer, file, feature, byte_offset, id, field, code, reason, remedy, place)
from stdin with (null '~')
