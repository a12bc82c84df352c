create or replace function ops.report_positions(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    symbol               text,
    position_qty         bigint,
    cost_micros          bigint,
    mark_micros          bigint,
    market_value_micros  bigint,
    unrealized_micros    bigint,
    realized_micros      bigint,
    marked_at            timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select p.symbol, p.position_qty, p.cost_micros, m.mark_micros,
           p.position_qty * m.mark_micros, p.position_qty * m.mark_micros - p.cost_micros,
           p.realized_micros, m.bar_end_at
      from ledger.positions as p
      left join md.list_marks(p_run_id, p_now_at) as m using (symbol)
     where p.run_id = p_run_id
     order by p.symbol collate "C";
$function$;

comment on function ops.report_positions(uuid, timestamptz) is
$$Positions of a run at the last marks known at p_now_at; null where no mark is known.$$;
