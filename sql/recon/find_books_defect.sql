create or replace function recon.find_books_defect(
    p_run_id uuid,
    p_books  jsonb
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case
        when not exists (
            select from ledger.entries as e
             where e.run_id = p_run_id and e.entry_seq = (p_books ->> 'entry_seq')::bigint
               and e.cash_micros = (p_books ->> 'cash_micros')::bigint)
            then 'its cash is not the ledger''s'
        when exists (
            select
              from (select e.symbol, sum(e.qty_delta) as position_qty
                      from ledger.entries as e
                     where e.run_id = p_run_id and e.symbol is not null
                       and e.entry_seq <= (p_books ->> 'entry_seq')::bigint
                     group by e.symbol) as f
              full join jsonb_to_recordset(p_books -> 'positions') as p (
                   symbol text, position_qty bigint) on p.symbol = f.symbol
             where coalesce(f.position_qty, 0) <> coalesce(p.position_qty, 0))
            then 'its positions are not the ledger''s'
        when exists (
            select from ledger.entries as e
              left join ledger.fills as f using (run_id, fill_seq)
             where e.run_id = p_run_id and e.entry_kind in ('FILL', 'REVERSAL')
               and e.entry_seq <= (p_books ->> 'entry_seq')::bigint
               and e.qty_delta is distinct from f.fill_qty
               and not exists (select from ledger.adjustments as a
                                where a.run_id = p_run_id and a.symbol = f.symbol
                                  and a.action_kind = 'SPLIT'))
            then 'its positions are not the fills'''
        when exists (
            select
              from jsonb_to_recordset(p_books -> 'orders') as o (
                   order_id uuid, status_seq bigint, order_status text, filled_qty bigint)
             where not exists (
                   select from oms.order_history as h
                    where h.run_id = p_run_id and h.order_id = o.order_id
                      and h.history_seq = o.status_seq and h.to_status = o.order_status
                      and h.cum_qty = o.filled_qty))
            then 'its orders are not the history''s' end;
$function$;

comment on function recon.find_books_defect(uuid, jsonb) is
$$How the books that a comparison kept differ from ledger and order history as of then, or null.$$;
