create or replace function sim.split_position(
    p_action sim.actions,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_exact numeric := p_action.held_qty::numeric * p_action.ratio_num / p_action.ratio_den;
    v_quote bigint;
begin
    perform sim.end_order(
        o.account_id, o.broker_order_id, 'CANCELED', 'corporate action', p_now_at)
       from sim.orders as o
      where o.account_id = p_action.account_id and o.symbol = p_action.symbol
        and o.order_status in ('ACCEPTED', 'PARTIALLY_FILLED');
    select q.close_micros into v_quote from sim.quotes as q
     where q.account_id = p_action.account_id and q.symbol = p_action.symbol;
    update sim.positions as p set position_qty = trunc(v_exact)
     where p.account_id = p_action.account_id and p.symbol = p_action.symbol;
    update sim.accounts as a
       set cash_micros = a.cash_micros + sim.compute_lieu(
               p_action.held_qty, p_action.ratio_num, p_action.ratio_den, v_quote)
     where a.account_id = p_action.account_id and v_exact <> trunc(v_exact);
    update sim.quotes as q
       set close_micros = core.restate_price(
               q.close_micros, p_action.ratio_den, p_action.ratio_num)
     where q.account_id = p_action.account_id and q.symbol = p_action.symbol;
end;
$function$;

comment on function sim.split_position(sim.actions, timestamptz) is
$$Splits the shares that a paper account holds, pays the fraction of a share at the last close, and cancels
every order that rests in the symbol.
Why: brokers do so with reverse splits and may with any; a desk that needs a kinder one learns it late.$$;
