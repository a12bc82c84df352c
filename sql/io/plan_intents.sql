create or replace function io.plan_intents(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_targets     jsonb,
    p_now_at      timestamptz
)
returns table (
    symbol          text,
    target_qty      bigint,
    order_qty       bigint,
    verdict         text,
    rule            text,
    client_order_id text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.target_qty, f.order_qty, f.verdict, f.rule, f.client_order_id
      from oms.plan_intents(
           run.assert_lease(p_run_id, 'strategist', p_lease_epoch, p_now_at),
           p_targets, p_now_at) as f;
$function$;

comment on function io.plan_intents(uuid, bigint, jsonb, timestamptz) is
$$Service door to oms.plan_intents for the strategist that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;
