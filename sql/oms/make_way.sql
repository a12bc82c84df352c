create or replace function oms.make_way(
    p_target strat.targets,
    p_now_at timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_stop oms.orders := oms.get_stop(p_target.run_id, p_target.symbol);
begin
    if v_stop.order_id is null
       or p_target.order_type <> 'MARKET'
          and ledger.get_position_qty(p_target.run_id, p_target.symbol) <> 0
    then
        return false;
    end if;
    perform oms.cancel_order(v_stop, 'a new target needs the way', p_now_at);
    perform oms.record_wait(p_target, v_stop, p_now_at);
    return true;
end;
$function$;

comment on function oms.make_way(strat.targets, timestamptz) is
$$Cancels the resting stop that stands against a new order of its symbol and keeps the target waiting;
false when nothing rests, and for an order with prices while a position is held: risk denies it.
Why: a broker refuses an order against a resting one, and shares that a stop holds cannot be sold.$$;
