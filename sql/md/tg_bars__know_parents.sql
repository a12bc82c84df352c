create or replace function md.tg_bars__know_parents()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_unknown text;
begin
    select string_agg(coalesce(b.symbol, 'null'), ', ') into v_unknown
      from (select distinct a.symbol from added as a) as b
     where not exists (
           select from ref.instruments as i where i.symbol = b.symbol for key share);
    perform core.assert_that(v_unknown is null, 'MQI06', v_unknown);
    select string_agg(b.ingest_id::text, ', ') into v_unknown
      from (select distinct a.ingest_id from added as a) as b
     where not exists (
           select from md.ingests as i where i.ingest_id = b.ingest_id for key share);
    perform core.assert_that(v_unknown is null, 'MQI06', v_unknown);
    return null;
end;
$function$;

comment on function md.tg_bars__know_parents() is
$$Refuses bars of an instrument or an ingest that does not exist.
Why: asked once a statement, a foreign key would ask once a row and cost more than the bar itself.
Neither parent ever goes: an ingest refuses to be deleted, a feed's mark holds the instrument.
Raises: MQI06.$$;
