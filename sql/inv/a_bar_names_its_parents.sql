create or replace view inv.a_bar_names_its_parents as
select null::uuid as run_id, format('bars of instrument %s', b.symbol) as what
  from (select distinct symbol from md.bars) as b
 where not exists (select from ref.instruments as i where i.symbol = b.symbol)
 union all
select null::uuid as run_id, format('bars of ingest %s', b.ingest_id) as what
  from (select distinct ingest_id from md.bars) as b
 where not exists (select from md.ingests as i where i.ingest_id = b.ingest_id);

comment on view inv.a_bar_names_its_parents is
$$I62: Every bar is of an instrument and an ingest that exist.$$;
