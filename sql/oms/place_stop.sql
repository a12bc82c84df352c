create or replace function oms.place_stop(
    p_run_id      uuid,
    p_symbol      text,
    p_held_qty    bigint,
    p_stop_micros bigint,
    p_now_at      timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_refused bigint := oms.count_refused_stops(p_run_id, p_symbol);
    v_leg     text := case when v_refused >= 2 then 'FLATTEN' else 'STOP' end;
    v_intent  oms.intents;
begin
    insert into oms.intents (
        run_id, intent_id, strategy_id, bar_end_at, symbol, leg, leg_no, target_qty, position_qty,
        open_qty, order_qty, created_at)
    select t.run_id,
           core.derive_id('intent', array[
               t.run_id::text, t.strategy_id, core.format_iso(t.bar_end_at), t.symbol, v_leg,
               n.leg_no::text]),
           t.strategy_id, t.bar_end_at, t.symbol, v_leg, n.leg_no, t.target_qty, p_held_qty, 0,
           -p_held_qty, p_now_at
      from (select t.* from strat.targets as t
             where t.run_id = p_run_id and t.symbol = p_symbol
             order by t.bar_end_at desc limit 1) as t
      cross join lateral (
           select count(*) + 1 as leg_no from oms.intents as i
            where i.run_id = t.run_id and i.strategy_id = t.strategy_id
              and i.bar_end_at = t.bar_end_at and i.symbol = t.symbol and i.leg = v_leg) as n
     where v_leg = 'STOP' or n.leg_no = 1
    returning * into v_intent;
    if not found then
        perform run.halt_run(
            p_run_id, 'MISSING_PROTECTIVE_STOP',
            format('UNPROTECTED: %s has no stop and could not be closed', p_symbol),
            jsonb_build_object('symbol', p_symbol, 'held_qty', p_held_qty, 'refused', v_refused),
            p_now_at);
        return 'UNPROTECTED';
    end if;
    perform risk.check_order(
        p_run_id => p_run_id, p_intent_id => v_intent.intent_id, p_symbol => p_symbol,
        p_order_qty => v_intent.order_qty, p_open => oms.get_open_shares(p_run_id),
        p_messages => oms.count_messages(p_run_id, p_now_at), p_terms => null, p_now_at => p_now_at);
    perform oms.enqueue_order(
        v_intent, case when v_leg = 'STOP' then p_stop_micros end,
        oms.get_expiry(p_symbol, p_now_at), p_now_at);
    return v_leg;
end;
$function$;

comment on function oms.place_stop(uuid, text, bigint, bigint, timestamptz) is
$$Enqueues the protective stop of a position. After two that the broker refused the position is closed at
the market instead (FLATTEN); if that cannot be had either, the run is halted.
Why: a position that cannot be protected is not kept.$$;
