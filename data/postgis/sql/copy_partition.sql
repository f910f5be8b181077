copy muscope.{table}_{id} ({columns}) from stdin with (freeze, null '~')
