create or replace function core.parse_time(
    p_text text
)
returns timestamptz
language sql
stable
parallel safe
return case
    when core.parse_date(left(p_text, 10)) is not null
     and substr(p_text, 11) ~ ('^[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?'
                               || '(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)$')
    then p_text::timestamptz
end;

comment on function core.parse_time(text) is
$$ISO 8601 text with an offset to an instant; null when it has no offset, another shape, or is no
moment of the clock.
Why: a time without an offset would be read in the session's zone.$$;
