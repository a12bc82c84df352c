create or replace function io.plan_stops(
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
      from oms.plan_stops(
           run.assert_lease(p_run_id, 'strategist', p_lease_epoch, p_now_at), p_now_at) as f;
$function$;

comment on function io.plan_stops(uuid, bigint, timestamptz) is
$$Service door to oms.plan_stops for the strategist that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;
