create or replace function sim.assert_may_rest(
    p_account_id text,
    p_symbol     text,
    p_order_qty  bigint
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_held     bigint;
    v_resting  bigint;
    v_opposite bigint;
begin
    select coalesce(max(p.position_qty), 0) into v_held from sim.positions as p
     where p.account_id = p_account_id and p.symbol = p_symbol;
    select coalesce(sum(abs(o.order_qty) - o.filled_qty) filter (
                        where sign(o.order_qty) = sign(p_order_qty)), 0),
           count(*) filter (where sign(o.order_qty) <> sign(p_order_qty))
      into v_resting, v_opposite
      from sim.orders as o
     where o.account_id = p_account_id and o.symbol = p_symbol
       and o.order_status in ('ACCEPTED', 'PARTIALLY_FILLED');
    perform core.assert_that(
        v_opposite = 0, 'MQG05', 'potential wash trade detected. opposite side order exists');
    perform core.assert_that(
        sign(v_held) * sign(p_order_qty) >= 0
        or abs(p_order_qty) + v_resting <= abs(v_held), 'MQG05',
        format('insufficient qty available for order (requested: %s, available: %s)',
               abs(p_order_qty), abs(v_held) - v_resting));
end;
$function$;

comment on function sim.assert_may_rest(text, text, bigint) is
$$Refuses an order against one that rests on the other side, and one that would close more shares than
are held and not held back by other orders.
Why: real brokers do; a desk that only meets a kinder one learns it with real money.
Raises: MQG05.$$;
