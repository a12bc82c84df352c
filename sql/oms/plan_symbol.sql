create or replace function oms.plan_symbol(
    p_target strat.targets,
    p_now_at timestamptz
)
returns table (
    symbol          text,
    target_qty      bigint,
    order_qty       bigint,
    verdict         text,
    rule            text,
    client_order_id text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_held     bigint := ledger.get_position_qty(p_target.run_id, p_target.symbol);
    v_open     bigint := oms.get_open_qty(p_target.run_id, p_target.symbol);
    v_wanted   bigint := case when sign(p_target.target_qty) * sign(v_held) < 0 then -v_held
                              else p_target.target_qty - v_held end;
    v_delta    bigint := v_wanted - v_open;
    v_intent   oms.intents;
    v_decision risk.decisions;
begin
    if sign(v_delta) * sign(v_open) < 0 and sign(v_wanted) <> sign(v_open) then
        perform oms.cancel_order(o, 'a new target is against it', p_now_at)
           from oms.orders as o
          where o.run_id = p_target.run_id and o.symbol = p_target.symbol
            and o.time_in_force = 'DAY' and o.leaves_qty > 0;
        return;
    elsif oms.make_room(p_target, p_now_at) or v_delta = 0 or sign(v_delta) * sign(v_open) < 0
          or oms.make_way(p_target, p_now_at)
    then
        return;
    end if;
    insert into oms.intents (
        run_id, intent_id, strategy_id, bar_end_at, symbol, leg, leg_no, target_qty, position_qty,
        open_qty, order_qty, created_at)
    values (p_target.run_id,
            oms.derive_intent_id(
                p_target.run_id, p_target.strategy_id, p_target.bar_end_at, p_target.symbol),
            p_target.strategy_id, p_target.bar_end_at, p_target.symbol, 'TARGET', 1,
            p_target.target_qty, v_held, v_open, v_delta, p_now_at)
    returning * into v_intent;
    v_decision := risk.check_order(
        p_run_id => v_intent.run_id, p_intent_id => v_intent.intent_id,
        p_symbol => v_intent.symbol, p_order_qty => v_intent.order_qty,
        p_open => oms.get_open_shares(v_intent.run_id),
        p_messages => oms.count_messages(v_intent.run_id, p_now_at),
        p_terms => oms.get_terms(p_target), p_now_at => p_now_at);
    return query
    select v_intent.symbol, v_intent.target_qty, v_intent.order_qty, v_decision.verdict,
           v_decision.rule,
           case when v_decision.verdict = 'ALLOW' and r.may_submit
                then oms.enqueue_order(
                    v_intent, null, oms.get_expiry(v_intent.symbol, p_now_at), p_now_at) end
      from run.runs as r
     where r.run_id = v_intent.run_id;
end;
$function$;

comment on function oms.plan_symbol(strat.targets, timestamptz) is
$$Plans one target: intent = target minus position minus open orders, verdict, order when allowed.
No row when there is nothing to do, or while a resting stop has to make way. A target that wants
our own open orders no more cancels them; one that only wants less of them lets them go on. Open orders in
other terms than the target's are cancelled, and it waits until they have ended.
Why: a flip only closes now; the opening leg follows from the next bar, once flat. An order against
an open one is a wash trade, which brokers reject. In SHADOW the intent and its verdict are all.$$;
