create or replace function md.format_bar(
    p_timeframe  text,
    p_session_on date,
    p_bar_end_at timestamptz
)
returns text
language sql
immutable
parallel safe
return case when p_timeframe = '1D' then to_char(p_session_on, 'YYYY-MM-DD')
            else core.format_iso(p_bar_end_at) end;

comment on function md.format_bar(text, date, timestamptz) is
$$How people name a bar: a daily one by its session, another by the instant of its end.$$;
