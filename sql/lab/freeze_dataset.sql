create or replace function lab.freeze_dataset(
    p_timeframe text,
    p_symbols   jsonb,
    p_from_on   date,
    p_to_on     date,
    p_now_at    timestamptz
)
returns lab.datasets
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_set lab.datasets;
    v_bad text;
begin
    perform core.assert_that(
        num_nulls(p_timeframe, p_symbols, p_from_on, p_to_on, p_now_at) = 0, 'MQA01',
        'timeframe, symbols, from_on, to_on, now_at');
    perform core.assert_that(jsonb_typeof(p_symbols) = 'array', 'MQA05', jsonb_typeof(p_symbols));
    v_set.symbols := array(select distinct s.value collate "C"
                             from jsonb_array_elements_text(p_symbols) as s order by 1);
    select string_agg(s.symbol, ', ' order by s.symbol collate "C") into v_bad
      from unnest(v_set.symbols) as s (symbol)
     where not exists (select from ref.instruments as i where i.symbol = s.symbol);
    perform core.assert_that(v_bad is null, 'MQN03', v_bad);
    select min(i.exchange_id),
           case when count(distinct i.exchange_id) > 1 then string_agg(i.exchange_id, ', ') end
      into v_set.exchange_id, v_bad
      from ref.instruments as i
     where i.symbol = any (v_set.symbols);
    perform core.assert_that(v_bad is null, 'MQA02', format('symbols of one exchange, not %s', v_bad));
    v_set.timeframe := p_timeframe;
    v_set.from_on := p_from_on;
    v_set.to_on := p_to_on;
    v_set.data_sha256 := coalesce((
        select core.hash_text(string_agg(lab.hash_pack(k), ',' order by k.pack_no)
                              || coalesce(nullif(lab.format_actions(v_set, p_now_at), '[]')::text, ''))
          from lab.list_packs(v_set, p_now_at) as k), '');
    perform core.assert_that(
        v_set.data_sha256 <> '', 'MQN04',
        format('no %s slot from %s to %s has ended', p_timeframe, p_from_on, p_to_on));
    v_set.dataset_id := core.derive_id('dataset', array[
        p_timeframe, array_to_string(v_set.symbols, ','), p_from_on::text, p_to_on::text,
        v_set.data_sha256]);
    v_set.frozen_by := audit.get_actor();
    v_set.frozen_at := p_now_at;
    return lab.store_dataset(v_set, p_now_at);
end;
$function$;

comment on function lab.freeze_dataset(text, jsonb, date, date, timestamptz) is
$$Freezes the stored bars of some symbols of one exchange, from one session to another (both included), as
far as their slots had ended at p_now_at, with the corporate actions that took effect between them. The
same bars and actions again give the same dataset.
Why: what a backtest saw is kept and named by its digest; later bars and corrections make another dataset.
Raises: MQA01; MQA02; MQA05; MQN03 unknown symbols; MQN04 no slot.$$;
