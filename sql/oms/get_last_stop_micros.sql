create or replace function oms.get_last_stop_micros(
    p_run_id uuid,
    p_symbol text,
    p_now_at timestamptz
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case when h.qty > 0 then max(r.stop_micros) else min(r.stop_micros) end
      from (select o.stop_price_micros as stop_micros, o.created_at
              from oms.orders as o
             where o.run_id = p_run_id and o.symbol = p_symbol and o.time_in_force = 'GTC'
             union all
            select b.stop_price_micros, o.created_at
              from oms.outbox as b
              join oms.orders as o using (run_id, order_id)
             where o.run_id = p_run_id and o.symbol = p_symbol
               and b.request_kind = 'REPLACE' and b.outbox_status <> 'FAILED') as s
     cross join (select ledger.get_position_qty(p_run_id, p_symbol) as qty) as h
     cross join lateral md.get_split_factor(p_symbol, s.created_at, p_now_at) as f
     cross join lateral (
        select oms.restate_stop(
                   s.stop_micros, sign(h.qty)::integer, f.ratio_num, f.ratio_den) as stop_micros) as r
     where s.created_at >= (
           select min(l.opened_at)
             from ledger.positions as p
             join ledger.lots as l using (run_id, symbol, match_no)
            where p.run_id = p_run_id and p.symbol = p_symbol and l.open_qty <> 0)
     group by h.qty;
$function$;

comment on function oms.get_last_stop_micros(uuid, text, timestamptz) is
$$The tightest stop price, in micros, that the position of a symbol has had since it was opened, or null;
one of before a split in the shares of p_now_at, to the next whole cent on the tight side.$$;
