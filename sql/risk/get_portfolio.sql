create or replace function risk.get_portfolio(
    p_run_id uuid,
    p_symbol text,
    p_open   jsonb,
    p_now_at timestamptz,
    out other_gross   bigint,
    out other_high    bigint,
    out other_low     bigint,
    out equity_micros bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case when b.unknown = 0 then b.gross end, case when b.unknown = 0 then b.high end,
           case when b.unknown = 0 then b.low end, case when b.unpriced = 0 then c.cash_micros + b.worth end
      from ledger.portfolios as c
     cross join lateral (
        select coalesce(sum(greatest(x.high_qty, -x.low_qty) * x.mark) filter (where x.is_other), 0)::bigint
                   as gross,
               coalesce(sum(x.high_qty * x.mark) filter (where x.is_other), 0)::bigint as high,
               coalesce(sum(x.low_qty * x.mark) filter (where x.is_other), 0)::bigint as low,
               coalesce(sum(x.held_qty * x.mark), 0)::bigint as worth,
               count(*) filter (where x.is_other and x.mark is null
                                  and (x.high_qty, x.low_qty) <> (0, 0)) as unknown,
               count(*) filter (where x.mark is null and x.held_qty <> 0) as unpriced
          from (select m.mark_micros as mark, m.symbol <> p_symbol as is_other, h.held_qty,
                       h.held_qty + coalesce((p_open #>> array[m.symbol, 'buy'])::bigint, 0) as high_qty,
                       h.held_qty - coalesce((p_open #>> array[m.symbol, 'sell'])::bigint, 0) as low_qty
                  from md.list_marks(p_run_id, p_now_at) as m
                  left join ledger.positions as p on p.run_id = p_run_id and p.symbol = m.symbol
                 cross join lateral (select coalesce(p.position_qty, 0) as held_qty) as h) as x) as b
     where c.run_id = p_run_id and p_open is not null;
$function$;

comment on function risk.get_portfolio(uuid, text, jsonb, timestamptz) is
$$What a run holds besides p_symbol, in micros at the marks of p_now_at, every unfinished order of
p_open {symbol: {buy, sell}} taken as filled, one side at a time (gross: the worse of the two; high:
all buys; low: all sells); and its equity. Null where a mark that matters is missing.
Why: every unfinished order uses up the limits at once.$$;
