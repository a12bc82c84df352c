create or replace function oms.get_last_stop_micros(
    p_run_id uuid,
    p_symbol text
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case when ledger.get_position_qty(p_run_id, p_symbol) > 0 then max(s.stop_micros)
                else min(s.stop_micros) end
      from (select o.stop_price_micros as stop_micros, o.created_at
              from oms.orders as o
             where o.run_id = p_run_id and o.symbol = p_symbol and o.order_type = 'STOP'
             union all
            select b.stop_price_micros, o.created_at
              from oms.outbox as b
              join oms.orders as o using (run_id, order_id)
             where o.run_id = p_run_id and o.symbol = p_symbol
               and b.request_kind = 'REPLACE' and b.outbox_status <> 'FAILED') as s
     where s.created_at >= (
           select min(l.opened_at)
             from ledger.positions as p
             join ledger.lots as l using (run_id, symbol, match_no)
            where p.run_id = p_run_id and p.symbol = p_symbol and l.open_qty <> 0);
$function$;

comment on function oms.get_last_stop_micros(uuid, text) is
$$The tightest stop price, in micros, that the position of a symbol has had since it was opened, or null.$$;
