create or replace function io.plan_flatten(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_now_at      timestamptz
)
returns table (
    symbol text,
    done   text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.done
      from oms.plan_flatten(
           run.assert_lease(p_run_id, 'gateway', p_lease_epoch, p_now_at), p_now_at) as f;
$function$;

comment on function io.plan_flatten(uuid, bigint, timestamptz) is
$$Service door to oms.plan_flatten for the gateway that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;
