-- {columns} and {table} are identifiers that the file itself lists, quoted.
select {columns} from {table}
