create or replace function sim.get_snapshot(
    p_account_id text,
    p_now_at     timestamptz
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'source', 'paper',
        'account_id', a.account_id,
        'captured_at', core.format_iso(p_now_at),
        'cash', core.format_micros(a.cash_micros),
        'orders', (
            select coalesce(jsonb_agg(sim.format_order(o) order by o.client_order_id collate "C"), '[]')
              from sim.orders as o where o.account_id = a.account_id),
        'positions', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'symbol', p.symbol, 'qty', p.position_qty::text)
                       order by p.symbol collate "C"), '[]')
              from sim.positions as p
             where p.account_id = a.account_id and p.position_qty <> 0))
      from sim.accounts as a
     where a.account_id = p_account_id;
$function$;

comment on function sim.get_snapshot(text, timestamptz) is
$$What the paper broker says an account holds: cash, orders, positions, all numbers as text.
Why: read from the broker's own tables, so comparing it with our books proves something.$$;
