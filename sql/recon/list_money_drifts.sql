create or replace function recon.list_money_drifts(
    p_document jsonb,
    p_books    jsonb,
    p_policy   recon.tolerances
)
returns table (
    drift_kind text,
    drift_key  text,
    ours       text,
    theirs     text,
    is_young   boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with theirs as (
        select t.symbol, t.position_qty, t.defect
          from recon.parse_positions(p_document) as t
         where t.symbol is not null and t.defect is distinct from 'DuplicateSymbol'
    )
    select case when exists (
                     select from jsonb_to_recordset(p_books -> 'actions') as a (
                          symbol text, held_qty bigint, new_qty bigint)
                      where a.symbol = coalesce(t.symbol, o.symbol)
                        and a.held_qty = coalesce(t.position_qty, 0)
                        and a.new_qty = coalesce(o.position_qty, 0)) then 'SPLIT_LATE'
                when coalesce(o.position_qty, 0) = 0 then 'UNKNOWN_POSITION'
                else 'POSITION' end,
           coalesce(t.symbol, o.symbol), coalesce(o.position_qty, 0)::text,
           coalesce(t.position_qty, 0)::text, coalesce(o.is_young, false)
      from theirs as t
      full join jsonb_to_recordset(p_books -> 'positions') as o (
           symbol text, position_qty bigint, is_young boolean) on o.symbol = t.symbol
     where t.defect is null
       and abs(coalesce(t.position_qty, 0) - coalesce(o.position_qty, 0))
           > p_policy.position_tolerance_qty
     union all
    select case when recon.is_explained_cash(
                     o.cash_micros - recon.parse_money(p_document ->> 'cash'), p_books -> 'actions',
                     p_policy.cash_tolerance_micros) then 'ACTION_CASH_LATE' else 'CASH' end,
           'USD', core.format_micros(o.cash_micros),
           coalesce(left(p_document ->> 'cash', 100), 'none'),
           (p_books ->> 'cash_is_young')::boolean
      from (select (p_books ->> 'cash_micros')::bigint as cash_micros) as o
     where coalesce(abs(recon.parse_money(p_document ->> 'cash') - o.cash_micros)
                    > p_policy.cash_tolerance_micros, true);
$function$;

comment on function recon.list_money_drifts(jsonb, jsonb, recon.tolerances) is
$$Positions and cash on which a snapshot and our books differ by more than the tolerance; cash that
cannot be read is a difference. Positions are compared as totals.
SPLIT_LATE, ACTION_CASH_LATE: the broker shows exactly what we had before corporate actions that we have
booked of late.
Why: a total needs no history, however old the position is.$$;
