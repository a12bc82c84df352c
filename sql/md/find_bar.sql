create or replace function md.find_bar(
    p_symbol    text,
    p_timeframe text,
    p_bar       text
)
returns md.bars
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_bar md.bars;
begin
    select b.* into v_bar
      from md.bars as b
     where b.symbol = p_symbol
       and b.timeframe = p_timeframe
       and case when p_timeframe = '1D' then b.session_on = core.parse_date(p_bar)
                else b.bar_end_at = core.parse_time(p_bar) end;
    perform core.assert_that(found, 'MQN50', format('%s %s %s', p_symbol, p_timeframe, p_bar));
    return v_bar;
end;
$function$;

comment on function md.find_bar(text, text, text) is
$$A stored bar by the name that people give it: a daily one by its session, another by the instant of
its end
(ISO, with offset).
Raises: MQN50 there is none.$$;
