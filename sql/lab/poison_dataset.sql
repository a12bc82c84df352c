create or replace function lab.poison_dataset(
    p_dataset_id uuid,
    p_cut_tick   integer,
    p_poison     text
)
returns setof lab.packs
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select core.derive_id('poisoned', array[p_dataset_id::text, p_cut_tick::text, p_poison]),
           k.pack_no, k.first_tick, k.ends_at, k.sessions, k.ends_session, k.is_complete,
           case when x.is_past then k.opens
                else lab.poison_values(k.opens, k.first_tick, x.n, p_cut_tick, p_poison) end,
           case when x.is_past then k.highs
                else lab.poison_values(k.highs, k.first_tick, x.n, p_cut_tick, p_poison) end,
           case when x.is_past then k.lows
                else lab.poison_values(k.lows, k.first_tick, x.n, p_cut_tick, p_poison) end,
           case when x.is_past then k.closes
                else lab.poison_values(k.closes, k.first_tick, x.n, p_cut_tick, p_poison) end,
           case when x.is_past then k.volumes
                else lab.poison_values(k.volumes, k.first_tick, x.n, p_cut_tick, p_poison) end
      from lab.packs as k
     cross join lateral (select cardinality(k.ends_at) as n,
                                p_poison is null or k.first_tick + cardinality(k.ends_at) - 1 <= p_cut_tick
                                as is_past) as x
     where k.dataset_id = p_dataset_id;
$function$;

comment on function lab.poison_dataset(uuid, integer, text) is
$$The packs of a dataset with another future after a tick; with p_poison null as they are.$$;
