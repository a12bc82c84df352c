create or replace function oms.set_continuity(
    p_run_id     uuid,
    p_continuity text,
    p_reason     text,
    p_now_at     timestamptz
)
returns table (
    broker_order_id text,
    gap_qty         bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run     run.runs;
    v_missing bigint;
begin
    perform core.assert_that(
        p_continuity in ('COLD', 'LIVE', 'GAP'), 'MQA02', 'continuity is COLD, LIVE or GAP');
    v_run := run.lock_run(p_run_id, true, p_now_at);
    select count(*) into v_missing from oms.orders as o
     where o.run_id = p_run_id and o.gap_qty > 0;
    perform run.set_gate(
        p_run_id, 'CONTINUITY', p_continuity = 'LIVE' and v_missing = 0,
        left(case when v_missing > 0 then v_missing || ' orders miss a fill'
                  else p_continuity || ': ' || p_reason end, 500),
        jsonb_build_object('continuity', p_continuity, 'orders_with_a_gap', v_missing),
        run.clamp_now(p_run_id, p_now_at) + v_run.gate_ttl_ms * interval '1 ms', p_now_at);
    return query
    select oms.get_broker_order_id(o.run_id, o.order_id), o.gap_qty
      from oms.orders as o
     where o.run_id = p_run_id and o.gap_qty > 0
     order by o.client_order_id collate "C";
end;
$function$;

comment on function oms.set_continuity(uuid, text, text, timestamptz) is
$$Records whether the stream of broker events is known to be whole: LIVE, COLD (not caught up since the
start) or GAP (it broke off), and sets gate CONTINUITY; an order that misses a fill shuts it, too. Gives
these orders, to be asked for.
Why: nothing new is sent on books that may lack a fill. Catching up opens the gate; it halts nothing.
Raises: MQA02; MQN02.$$;
