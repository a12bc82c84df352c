create or replace view inv.a_bar_is_possible as
select null::uuid as run_id, format('%s %s %s', b.symbol, b.timeframe, b.bar_end_at) as what
  from md.bars as b
  left join md.ingests as g using (ingest_id)
 where (b.low_micros > 0 and b.volume >= 0
        and b.low_micros <= least(b.open_micros, b.close_micros)
        and b.high_micros >= greatest(b.open_micros, b.close_micros)
        and b.timeframe = g.timeframe
        and b.bar_end_at <= g.ingested_at) is not true;

comment on view inv.a_bar_is_possible is
$$I33: The prices of a bar are positive and in order, its volume is none or more, and it had closed when it
was stored.$$;
