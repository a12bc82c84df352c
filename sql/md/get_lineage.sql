create or replace function md.get_lineage(
    p_symbol    text,
    p_timeframe text,
    p_bar       text
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'bar', to_jsonb(b),
        'ingest', to_jsonb(i),
        'raws', (select jsonb_agg(md.describe_raw(r) order by s.source_no)
                   from md.sources as s
                   join md.raws as r using (raw_sha256)
                  where s.ingest_id = i.ingest_id),
        'observations', (select coalesce(jsonb_agg(to_jsonb(o) order by o.feed collate "C"), '[]')
                           from md.observations as o
                          where (o.symbol, o.timeframe, o.bar_end_at)
                                = (b.symbol, b.timeframe, b.bar_end_at)),
        'conflicts', (select coalesce(jsonb_agg(
                                 to_jsonb(c) || jsonb_build_object('feed', g.feed)
                                 order by c.found_at, c.line_no), '[]')
                        from md.conflicts as c
                        join md.ingests as g on g.ingest_id = c.ingest_id
                       where (c.symbol, c.timeframe, c.bar_end_at)
                             = (b.symbol, b.timeframe, b.bar_end_at)),
        'rulings', (select coalesce(jsonb_agg(to_jsonb(r) order by r.ruled_at, r.defect), '[]')
                      from md.rulings as r
                     where (r.symbol, r.timeframe, r.bar_end_at)
                           = (b.symbol, b.timeframe, b.bar_end_at)))
      from md.find_bar(p_symbol, p_timeframe, p_bar) as b
      join md.ingests as i using (ingest_id);
$function$;

comment on function md.get_lineage(text, text, text) is
$$Where a stored bar comes from: its ingest, normaliser and gate result, the raw answers with what was
asked,
by whom and when; and who else saw it: observations, conflicts, rulings.
Raises: MQN50 there is no such bar.$$;
