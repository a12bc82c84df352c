create or replace function lab.derive_dataset(
    p_source_id uuid,
    p_stretch   lab.stretch,
    p_now_at    timestamptz
)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_set lab.datasets;
begin
    select d.* into strict v_set from lab.datasets as d where d.dataset_id = p_source_id;
    if p_stretch = row('SLICE', 1, v_set.ticks)::lab.stretch then
        return p_source_id;
    end if;
    v_set.dataset_id := core.derive_id('derived dataset', array[
        p_source_id::text, p_stretch.change_kind, p_stretch.first_tick::text,
        p_stretch.last_tick::text]);
    insert into lab.derivations (dataset_id, source_id, change_kind, first_tick, last_tick)
    select v_set.dataset_id, p_source_id, p_stretch.change_kind, p_stretch.first_tick,
           p_stretch.last_tick
    on conflict (dataset_id) do nothing;
    if not found then
        return v_set.dataset_id;
    end if;
    insert into lab.packs
    select k.* from lab.list_derived_packs(v_set, p_source_id, p_stretch) as k;
    insert into lab.datasets (
        dataset_id, exchange_id, timeframe, symbols, from_on, to_on, ticks, bars, data_sha256, frozen_by,
        frozen_at)
    select v_set.dataset_id, v_set.exchange_id, v_set.timeframe, v_set.symbols,
           min((k.ends_at[1] at time zone 'UTC')::date),
           max((k.ends_at[cardinality(k.ends_at)] at time zone 'UTC')::date),
           sum(cardinality(k.ends_at)), sum(cardinality(array_remove(k.volumes, null))),
           core.hash_text(string_agg(lab.hash_pack(k), ',' order by k.pack_no)), audit.get_actor(),
           p_now_at
      from lab.packs as k
     where k.dataset_id = v_set.dataset_id;
    insert into lab.splits (dataset_id, symbol_no, tick_no, effective_at, ratio_num, ratio_den)
    select v_set.dataset_id, s.symbol_no, s.tick_no - p_stretch.first_tick + 1, s.effective_at,
           s.ratio_num, s.ratio_den
      from lab.splits as s
     where s.dataset_id = p_source_id
       and s.tick_no > p_stretch.first_tick and s.tick_no <= p_stretch.last_tick;
    return v_set.dataset_id;
end;
$function$;

comment on function lab.derive_dataset(uuid, lab.stretch, timestamptz) is
$$A dataset made of a stretch of another; the whole as it is: that dataset itself. The same stretch again
is the same dataset. Gives its id.$$;
