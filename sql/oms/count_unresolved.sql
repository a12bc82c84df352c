create or replace function oms.count_unresolved(
    p_run_id uuid
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select count(*)
      from oms.outbox as o
     where o.run_id = p_run_id
       and o.request_kind = 'SUBMIT'
       and o.outbox_status in ('DISPATCHING', 'AMBIGUOUS');
$function$;

comment on function oms.count_unresolved(uuid) is
$$Orders of a run of which nobody knows yet whether the broker has them.$$;
