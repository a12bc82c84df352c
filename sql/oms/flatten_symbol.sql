create or replace function oms.flatten_symbol(
    p_flatten risk.flattens,
    p_symbol  text,
    p_now_at  timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run_id uuid := p_flatten.run_id;
    v_held   bigint := ledger.get_position_qty(v_run_id, p_symbol);
    v_intent oms.intents;
begin
    perform oms.cancel_order(o, 'the position is flattened', p_now_at)
       from oms.orders as o
       join oms.outbox as s
         on s.run_id = o.run_id and s.order_id = o.order_id and s.request_kind = 'SUBMIT'
      where o.run_id = v_run_id and o.symbol = p_symbol and oms.is_unfinished(o)
        and s.lane = 'GATED'
        and 3 > (select count(*) from oms.outbox as b
                  where b.run_id = o.run_id and b.order_id = o.order_id
                    and b.request_kind = 'CANCEL' and b.enqueued_at >= p_flatten.asked_at);
    if exists (select from oms.orders as o
                where o.run_id = v_run_id and o.symbol = p_symbol and oms.is_unfinished(o))
    then
        return case when oms.count_refused_cancels(p_flatten, p_symbol) >= 3 then 'STUCK'
                    else 'WAITING' end;
    elsif v_held = 0 then
        return 'FLAT';
    elsif oms.count_refused_flattens(p_flatten, p_symbol) >= 3 then
        return 'REFUSED';
    end if;
    insert into oms.intents (
        run_id, intent_id, strategy_id, bar_end_at, symbol, leg, leg_no, target_qty, position_qty,
        open_qty, order_qty, created_at)
    select t.run_id,
           core.derive_id('intent', array[
               t.run_id::text, t.strategy_id, core.format_iso(t.bar_end_at), t.symbol, 'FLATTEN',
               n.leg_no::text]),
           t.strategy_id, t.bar_end_at, t.symbol, 'FLATTEN', n.leg_no, t.target_qty, v_held, 0,
           -v_held, p_now_at
      from (select t.* from strat.targets as t
             where t.run_id = v_run_id and t.symbol = p_symbol
             order by t.bar_end_at desc limit 1) as t
     cross join lateral (
           select count(*) + 1 as leg_no from oms.intents as i
            where i.run_id = t.run_id and i.strategy_id = t.strategy_id
              and i.bar_end_at = t.bar_end_at and i.symbol = t.symbol and i.leg = 'FLATTEN') as n
    returning * into strict v_intent;
    perform risk.check_order(
        p_run_id => v_run_id, p_intent_id => v_intent.intent_id, p_symbol => p_symbol,
        p_order_qty => v_intent.order_qty, p_open => oms.get_open_shares(v_run_id),
        p_messages => oms.count_messages(v_run_id, p_now_at), p_terms => null, p_now_at => p_now_at);
    perform oms.enqueue_order(v_intent, null, oms.get_expiry(p_symbol, p_now_at), p_now_at);
    return 'FLATTEN';
end;
$function$;

comment on function oms.flatten_symbol(risk.flattens, text, timestamptz) is
$$One step towards a flat symbol: asks for the end of what is open (at most three times an order), and once
nothing is, orders the opposite of what is held. FLATTEN, WAITING or FLAT. STUCK: the broker refused three
times to end an order; REFUSED: it took three closing orders for nothing. These two need a person.$$;
