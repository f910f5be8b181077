with failed as (
    update muscope.batch set state = 'failed' where id = $1 and state = 'loading' returning id
)
delete from muscope.reject where batch in (select id from failed);
