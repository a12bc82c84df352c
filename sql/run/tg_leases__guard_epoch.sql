create or replace function run.tg_leases__guard_epoch()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
begin
    if (new.engine_id, new.account_id, new.worker_kind)
       <> (old.engine_id, old.account_id, old.worker_kind)
       or new.lease_epoch not in (old.lease_epoch, old.lease_epoch + 1)
    then
        perform core.raise_error('MQI04', 'the epoch of a lease only grows, by one');
    end if;
    return new;
end;
$function$;

comment on function run.tg_leases__guard_epoch() is
$$Refuses an epoch that goes back or leaps, and a lease that becomes another's.
Why: an old epoch that became current again would let a stale worker in.
Raises: MQI04.$$;
