create or replace function risk.get_quote(
    p_run_id uuid,
    p_symbol text,
    p_now_at timestamptz,
    out instrument_kind  text,
    out is_listed        boolean,
    out session_state    text,
    out mark_micros      bigint,
    out reference_micros bigint,
    out is_fresh         boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select l.instrument_kind, coalesce(l.is_listed, false),
           case when s.opens_at <= p_now_at then 'OPEN' when s.opens_at > p_now_at then 'CLOSED' end,
           b.marks[1], b.marks[2],
           b.mark_at >= coalesce((
               select d.ends_at
                 from ref.get_closed_slot(i.exchange_id, p.timeframe,
                                          p_now_at - p.stale_after_ms * interval '1 ms') as d),
               b.mark_at)
      from ref.instruments as i
      join md.policies as p on p.run_id = p_run_id
      left join lateral ref.get_next_session(i.exchange_id, p_now_at) as s on true
      left join lateral ref.get_listing(i.symbol, s.session_on) as l on true
      cross join lateral (
        select array_agg(md.restate_price(i.symbol, b.close_micros, b.bar_end_at, p_now_at)
                         order by b.bar_end_at desc) as marks,
               max(b.bar_end_at) as mark_at
          from md.list_marks_as_of(i.symbol, p.timeframe, 2, p_now_at) as b) as b
     where i.symbol = p_symbol;
$function$;

comment on function risk.get_quote(uuid, text, timestamptz) is
$$A symbol's market as an order at p_now_at would find it: the last undisputed close and the one before
it, both as prices of the shares of p_now_at (a split is no fall), whether
the last is of the last slot that had ended (late by no more than data.stale_data_threshold_seconds),
whether it is listed in the next session, and whether that session is OPEN or yet CLOSED.$$;
