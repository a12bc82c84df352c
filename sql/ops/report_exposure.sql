create or replace function ops.report_exposure(
    p_run_id uuid,
    p_scheme text,
    p_now_at timestamptz
)
returns table (
    class        text,
    symbols      text,
    long_micros  bigint,
    short_micros bigint,
    net_micros   bigint,
    gross_micros bigint,
    equity_bps   bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with held as (
        select p.symbol, p.market_value_micros as value,
               coalesce(ref.get_class(p.symbol, p_scheme, (p_now_at at time zone x.time_zone)::date),
                        'UNCLASSIFIED') as class
          from ops.report_positions(p_run_id, p_now_at) as p
          join ref.instruments as i using (symbol)
          join ref.exchanges as x using (exchange_id)
         where p.position_qty <> 0
    ), whole as (
        select b.cash_micros + v.value as equity_micros
          from ledger.portfolios as b
         cross join (
            select case when count(*) = count(h.value) then sum(h.value) end as value
              from held as h) as v
         where b.run_id = p_run_id
    )
    select h.class, h.symbols, h.long::bigint, h.short::bigint, (h.long + h.short)::bigint,
           (h.long - h.short)::bigint,
           ((h.long - h.short) * 10000 / nullif(w.equity_micros, 0))::bigint
      from (select h.class, string_agg(h.symbol, ', ' order by h.symbol collate "C") as symbols,
                   case when count(*) = count(h.value) then sum(greatest(h.value, 0)) end as long,
                   case when count(*) = count(h.value) then sum(least(h.value, 0)) end as short
              from held as h
             group by h.class) as h
      left join whole as w on true
     order by h.class;
$function$;

comment on function ops.report_exposure(uuid, text, timestamptz) is
$$What a run holds by the classes of a scheme (sectors, say) as they are at p_now_at, and the gross value
in basis points of its equity. Null where a mark is not known; what has no class is UNCLASSIFIED.
Why: five positions in one sector are one bet.$$;
